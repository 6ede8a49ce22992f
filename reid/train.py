"""Training of a network on a benchmark, as in Pathak, "Fine-Grained Re-Identification" (2020).

If training is interrupted, the same command resumes it from the last checkpoint. On the CPU it ends with the same
weights as an uninterrupted run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from reid import distributed
from reid.data.batches import sorted_identities
from reid.data.catalogue import load_benchmark
from reid.data.holdout import hold_out
from reid.initial_weights import initial_network, load_fitting_tensors
from reid.model.network import build
from reid.pictures.curves import draw_curves
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.journal import Journal, TrainingStep
from reid.training.loop import Training
from reid.training.memory import check_memory, free_memory
from reid.training.state import State


def train(
    job: TrainingJob,
    folder: TrainingFolder,
    *,
    compute: Compute,
    command: str,
    overwrite: bool,
    report: Callable[[TrainingStep], None],
    warn: Callable[[str], None],
    notify: Callable[[str], None],
) -> None:
    """Train a network on a benchmark's training split, or resume the training in the folder.

    A share of the training identities is held out to choose the best checkpoint; the test split is never used.
    Afterwards `folder.best` is the checkpoint to use: the best on the held-out identities, or the last one if none are
    held out.

    Args:
        job: the network, its data and its recipe.
        folder: where everything is written.
        compute: device, precision, memory and processes.
        command: the command as typed, for the record.
        overwrite: delete an earlier training first.
        report: called after every step.
        warn: called with warnings.
        notify: called with a message when a training resumes.

    Raises:
        ReidError: data, weights, device or settings are not usable. Finished steps are kept; if the first step was not
            finished, nothing is left in the folder.
    """
    group = distributed.group_from_torchrun()
    device = distributed.local_device(compute.device, group)
    torch.backends.cudnn.benchmark = True  # all batches have the same size
    compute.dtype(device)  # raises if the device does not support the precision
    benchmark = load_benchmark(job.dataset, job.root, job.split)
    data = hold_out(benchmark, job.recipe.validation, job.recipe.seed)
    identities = len(sorted_identities(data.train))
    settings = job.settings(benchmark)
    about = job.about(benchmark)
    with distributed.process_group(group, device), folder.locked(group.is_main):
        resumes = folder.check(settings, overwrite=overwrite)
        checkpoint = folder.last if resumes else None
        state = _make_state(job, identities, device, compute, warn, checkpoint=checkpoint)
        training = Training(job, data, folder, state, compute, group, about=about)
        if device.type == "cpu" and state.step < training.total_steps:  # a GPU reports full memory itself
            check_memory(
                job.design,
                job.recipe,
                identities,
                recompute=compute.recompute,
                processes=group.size,
                free=free_memory(),
            )
        distributed.wait(group)  # until all processes have read the folder
        if not group.is_main:
            for _ in training.steps(None):
                pass  # the leading process reports the steps
            distributed.wait(group)
            return
        if state.step:
            notify(f"{folder.path}: {training.progress}")
        folder.begin(settings, command=command, overwrite=overwrite)
        try:
            with Journal(folder.metrics, without=frozenset(job.recipe.without), step=state.step) as journal:
                for step in training.steps(journal):
                    report(step)
        except Exception:
            if not resumes and state.step == 0:
                folder.clear()
            raise
        draw_curves(folder.metrics, folder.curves)
        distributed.wait(group)


def _make_state(
    job: TrainingJob,
    identities: int,
    device: torch.device,
    compute: Compute,
    warn: Callable[[str], None],
    *,
    checkpoint: Path | None,
) -> State:
    """Return the state before the next step: that of the checkpoint, or else the initial state."""
    seed = job.recipe.seed
    if checkpoint is not None:
        network = build(job.design, identities)
    elif job.whole is not None:
        coarse = job.coarse or "none"  # weights that are replaced below need not be loaded
        fine = job.fine or ("none" if "fine" in job.design.branches else None)
        network = initial_network(job.design, identities, coarse=coarse, fine=fine, seed=seed)
        skipped = load_fitting_tensors(network, job.whole)
        warn(f"{job.whole}: loaded all weights" + (f" except {', '.join(skipped)}" if skipped else ""))
    else:
        network = initial_network(job.design, identities, coarse=job.coarse, fine=job.fine, seed=seed)
    network.recompute = compute.recompute
    state = State.of(network.to(device), job.recipe, half=compute.dtype(device) == torch.float16)
    if checkpoint is not None:
        state.restore(checkpoint)
    return state
