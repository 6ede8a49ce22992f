"""Training: a benchmark and a recipe to a checkpoint, as Pathak, "Fine-Grained Re-Identification" (2020), does it.

A training killed at any moment goes on from its last checkpoint, and on the CPU it ends with the very weights of one
that was never stopped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

import torch

from reid import distributed
from reid.data.batches import labels
from reid.data.catalogue import load
from reid.data.holdout import hold_out
from reid.model.network import build
from reid.pictures.curves import draw_curves
from reid.start import init_from, start
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import Job
from reid.training.journal import Journal, Step
from reid.training.loop import Training
from reid.training.memory import check_memory, free_memory
from reid.training.state import State


def train(
    job: Job,
    folder: TrainingFolder,
    *,
    compute: Compute,
    command: str,
    overwrite: bool,
    report: Callable[[Step], None],
    warn: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Train a network on a benchmark's training split, going on from what the folder holds.

    Of the training split's identities a share is held out to choose the best checkpoint by; the test is never looked
    at. Afterwards `folder.best` is the checkpoint to use: the best so chosen, or the last if nothing is held out.

    Args:
        job: what.
        folder: where everything is written.
        compute: on what.
        command: what the operator typed, for the record.
        overwrite: delete an earlier training first.
        report: told of every step.
        warn: told what the operator must know.
        say: told where a training goes on that was begun before.

    Raises:
        ReidError: data, weights, device or settings are not usable; what was done is kept, and of a training that
            did not come to its first step nothing is left.
    """
    group = distributed.of_torchrun()
    device = distributed.own_device(compute.device, group)
    torch.backends.cudnn.benchmark = True  # batches are all of one size; of no concern without a GPU
    compute.dtype(device)  # refuses what the device does not have
    benchmark = load(job.dataset, job.root, job.split)
    held = hold_out(benchmark, job.recipe.validation, job.recipe.seed)
    settings, about = job.settings(benchmark), job.about(benchmark)
    identities = len(labels(held.train))
    with distributed.joined(group, device), folder.locked(group.leads):
        goes_on = folder.check(settings, overwrite=overwrite)
        state = _state(job, identities, device, compute, warn, last=folder.last if goes_on else None)
        training = Training(job, held, folder, state, compute, group, about=about)
        if device.type == "cpu" and state.step < training.in_all:  # a GPU says itself when its memory is full
            again, processes = compute.recompute, group.size
            check_memory(
                job.design, job.recipe, identities, recompute=again, processes=processes, free=free_memory()
            )
        distributed.wait(group)  # until all have read what is there
        if not group.leads:
            deque(training.steps(None), maxlen=0)  # every process does them all; one tells of them
            distributed.wait(group)
            return
        if state.step:
            say(f"{folder.path}: {training.progress}")
        folder.begin(settings, command=command, overwrite=overwrite)
        try:
            with Journal(folder.metrics, without=frozenset(job.recipe.without), step=state.step) as journal:
                for step in training.steps(journal):
                    report(step)
        except Exception:
            if not goes_on and state.step == 0:
                folder.clear()
            raise
        draw_curves(folder.metrics, folder.curves)
        distributed.wait(group)


def _state(
    job: Job,
    identities: int,
    device: torch.device,
    compute: Compute,
    warn: Callable[[str], None],
    *,
    last: Path | None,
) -> State:
    """Make the state before the next step: that of the last checkpoint, or of the very beginning."""
    if last is not None:
        network = build(job.design, identities)
    elif job.whole is not None:
        fine = job.fine or ("none" if "fine" in job.design.branches else None)
        coarse = job.coarse or "none"  # what is loaded over needs no weights
        network = start(job.design, identities, coarse=coarse, fine=fine, seed=job.recipe.seed)
        skipped = init_from(network, job.whole)
        warn(f"{job.whole}: taken over but for {', '.join(skipped) or 'nothing'}")
    else:
        network = start(job.design, identities, coarse=job.coarse, fine=job.fine, seed=job.recipe.seed)
    network.recompute = compute.recompute
    state = State.of(network.to(device), job.recipe, half=compute.dtype(device) == torch.float16)
    if last is not None:
        state.restore(last)
    return state
