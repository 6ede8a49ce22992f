"""Training: a benchmark and a recipe to a checkpoint, as Pathak, "Fine-Grained Re-Identification" (2020), does it.

A training killed at any moment goes on from its last checkpoint, and on the CPU it ends with the very weights of one
that was never stopped.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import tee
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reid import distributed
from reid.checkpoints import save
from reid.data.batches import LabelledClip, labels, plan_epoch
from reid.data.catalogue import load
from reid.data.frames import default_workers, read_ahead
from reid.data.holdout import hold_out
from reid.data.records import Benchmark
from reid.data.transforms import Draws, augment, draw
from reid.distributed import Group
from reid.embedder import ClipEmbedder
from reid.embedding import Viewing, embed_tracklets
from reid.errors import RecipeError, ReidError
from reid.losses.center import Centers
from reid.losses.objective import objective
from reid.model.network import Output, build
from reid.pictures.curves import draw_curves
from reid.ranking.labels import Labels
from reid.ranking.metrics import evaluate_features
from reid.recipes import Recipe
from reid.start import init_from, start
from reid.training.folder import TrainingFolder
from reid.training.job import Job
from reid.training.journal import Journal, Step
from reid.training.state import State

Precision = Literal["auto", "fp32", "bf16", "fp16"]
VALIDATION_CLIPS = 8
"""Most clips of a tracklet that a validation looks at; a fourth of what counts in the end."""


@dataclass(frozen=True)
class Compute:
    """On what a training runs; none of it decides what is learnt, but for rounding."""

    device: str | None = None
    """As for `match`; None takes the best there is."""
    precision: Precision = "auto"
    """Of the network's products; "auto": bf16 on GPUs that have it, fp16 on others, fp32 on the CPU."""
    recompute: bool = False
    """Compute activations again instead of keeping them: a third more work in much less memory."""
    workers: int | None = None
    """Processes that read pictures; None: one a core but one."""
    save_every: float = 300.0
    """Seconds between checkpoints."""


class Plan(NamedTuple):
    """One batch to come."""

    epoch: int
    """From 0."""
    rate: float
    """Learning rate."""
    clips: list[LabelledClip]
    """Of all processes."""
    validates: bool
    """Whether the network is validated afterwards."""


def train(
    job: Job,
    folder: TrainingFolder,
    *,
    compute: Compute,
    command: str,
    overwrite: bool,
    report: Callable[[Step], None],
    warn: Callable[[str], None],
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

    Raises:
        ReidError: data, weights, device or settings are not usable; what was done is kept.
    """
    group = distributed.of_torchrun()
    device = distributed.own_device(compute.device, group)
    benchmark = load(job.dataset, job.root, job.split)
    held = hold_out(benchmark, job.recipe.validation, job.recipe.seed)
    with distributed.joined(group, device), folder.locked(group.leads):
        if group.leads:
            folder.open(job.settings(benchmark), command=command, overwrite=overwrite)
        distributed.wait(group)
        state = _begin(job, len(labels(held.train)), device, compute, folder, warn)
        steps = _Training(job, held, folder, state, compute, group).steps()
        if group.leads:
            with Journal(folder.metrics, without=frozenset(job.recipe.without), step=state.step) as journal:
                for step in steps:
                    journal.write(step)
                    report(step)
            draw_curves(folder.metrics, folder.curves)
        else:
            deque(steps, maxlen=0)  # every process does them all; one tells of them
        distributed.wait(group)


def _begin(
    job: Job,
    identities: int,
    device: torch.device,
    compute: Compute,
    folder: TrainingFolder,
    warn: Callable[[str], None],
) -> State:
    """Make the state before the next step: that of the last checkpoint, or of the very beginning."""
    recipe, goes_on = job.recipe, folder.last.is_file()
    if goes_on:
        network = build(job.design, identities)
    else:
        network = start(job.design, identities, coarse=job.coarse, fine=job.fine, seed=recipe.seed)
        if job.whole is not None:
            skipped = init_from(network, job.whole)
            warn(f"{job.whole}: taken over but for {', '.join(skipped) or 'nothing'}")
    network.recompute = compute.recompute
    network.to(device).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(
        network.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay, fused=device.type == "cuda"
    )
    centers = Centers(identities, network.dimensions, seed=recipe.seed).to(device)
    scaler = torch.amp.GradScaler(device.type, enabled=_dtype(compute, device) == torch.float16)
    state = State(network.train(), optimiser, centers, scaler)
    if goes_on:
        state.restore(folder.last)
    return state


class _Training:
    """The steps of one training in one of its processes."""

    def __init__(
        self, job: Job, held: Benchmark, folder: TrainingFolder, state: State, compute: Compute, group: Group
    ) -> None:
        recipe = job.recipe
        self.held, self.recipe, self.folder, self.state = held, recipe, folder, state
        self.compute, self.group = compute, group
        self.about = {"dataset": job.dataset, "split": str(job.split)}
        self.device = next(state.network.parameters()).device
        self.dtype = _dtype(compute, self.device)
        identities = len(labels(held.train))
        p = min(recipe.identities, identities)
        self.places = _places(p, recipe, group)  # (parts, m) where this process's clips stand in a batch
        self.in_all = recipe.epochs * math.ceil(identities / p)
        self.model = distributed.replicate(state.network, group, some_unused=bool(recipe.without))

    def steps(self) -> Iterator[Step]:
        """Do the steps that are left, and keep what they come to."""
        plans, ahead = tee(self._plans())
        pictures = read_ahead(
            self.held.train,
            ([plan.clips[place].choice for place in self.places.flat] for plan in ahead),
            self.recipe.size,
            workers=default_workers() if self.compute.workers is None else self.compute.workers,
            pin=self.device.type == "cuda",
        )
        saved = began = time.monotonic()
        for plan, clips in zip(plans, pictures, strict=True):
            losses, attention = self._step(plan, clips)
            speed = len(plan.clips) * self.recipe.clip_length / (time.monotonic() - began)
            validation = self._validate() if plan.validates and self.group.leads else None
            finished = self.state.step == self.in_all
            if self.group.leads and (finished or time.monotonic() - saved >= self.compute.save_every):
                self.state.save(self.folder.last, size=self.recipe.size, about=self.about)
                saved = time.monotonic()
            yield Step(
                self.state.step, self.in_all, plan.epoch, plan.rate, losses, attention, speed, validation
            )
            began = time.monotonic()

    def _plans(self) -> Iterator[Plan]:
        """Plan the batches that are left."""
        recipe, batches = self.recipe, self.in_all // self.recipe.epochs
        for epoch in range(self.state.step // batches, recipe.epochs):
            planned = plan_epoch(
                self.held.train,
                identities=recipe.identities,
                clips=recipe.clips,
                length=recipe.clip_length,
                seed=recipe.seed,
                epoch=epoch,
            )
            due = (epoch + 1) % recipe.validate_every == 0 or epoch + 1 == recipe.epochs
            for place, clips in enumerate(planned):
                if epoch * batches + place >= self.state.step:
                    yield Plan(epoch, recipe.rate_at(epoch), clips, due and place + 1 == batches)

    def _step(self, plan: Plan, clips: Tensor) -> tuple[dict[str, float], tuple[float, float] | None]:
        """Take one step down the gradient of the objective.

        Args:
            plan: the batch, of all processes.
            clips: (parts * m, t, h, w, 3) pixels of this process's clips.

        Returns:
            The weighted losses, averaged over the parts, and the range of the attention.
        """
        state, recipe, parts = self.state, self.recipe, len(self.places)
        draws = draw((len(plan.clips), recipe.clip_length), recipe.size, _generator(recipe.seed, state.step))
        marks = torch.tensor([clip.label for clip in plan.clips], device=self.device)  # of all processes
        done = [
            self._backward(pixels, Draws(*(drawn[place] for drawn in draws)), own)
            for pixels, place, own in zip(clips.chunk(parts), self.places, marks.chunk(parts), strict=True)
        ]
        for settings in state.optimiser.param_groups:
            settings["lr"] = plan.rate
        state.scaler.step(state.optimiser)
        state.scaler.update()
        state.optimiser.zero_grad()
        state.centers.update(torch.cat([output.embedding for output, _ in done]), marks)
        state.step += 1
        losses = {name: float(sum(terms[name] for _, terms in done)) / parts for name in done[0][1]}
        if not math.isfinite(sum(losses.values())):
            raise ReidError(
                f"step {state.step}: the loss is no finite number any more; go on from the last checkpoint with "
                "--precision fp32, or begin anew with a lower rate (--set rate=1e-4)"
            )
        ranges = torch.stack([output.range for output, _ in done if output.range is not None] or [marks[:0]])
        attention = (float(ranges.amin()), float(ranges.amax())) if ranges.numel() else None
        return losses, attention

    def _backward(self, pixels: Tensor, draws: Draws, marks: Tensor) -> tuple[Output, dict[str, Tensor]]:
        """Add the gradient of one part of a batch; gives what the network said and the losses, without gradient."""
        pixels = pixels.to(self.device, non_blocking=True)
        values = augment(pixels, draws, self.state.network.standardise)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            output = distributed.gather(self.model(values), self.group)
        terms = objective(
            output,
            marks,
            self.state.centers.weight,
            self.recipe.losses,
            without=frozenset(self.recipe.without),
        )
        loss = torch.stack(list(terms.values())).sum() / len(self.places)
        self.state.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        return output._replace(embedding=output.embedding.detach()), {
            name: term.detach() for name, term in terms.items()
        }

    def _validate(self) -> tuple[float, float] | None:
        """Score the network on the identities held out, and keep it if it is the best so far."""
        state, held = self.state, self.held
        scores = None
        if held.query:
            embedder = ClipEmbedder(state.network, self.device, size=self.recipe.size)
            viewing = Viewing(self.recipe.clip_length, clips=VALIDATION_CLIPS)
            query, gallery = (
                embed_tracklets(embedder, split, viewing, workers=self.compute.workers)
                for split in (held.query, held.gallery)
            )
            scores = evaluate_features(
                query,
                gallery,
                query_labels=Labels.of(held.query),
                gallery_labels=Labels.of(held.gallery),
                rule=held.rule,
            )
        if scores is None or scores.mean_ap > state.best:
            state.best = scores.mean_ap if scores else 0.0
            save(state.network, self.folder.best, size=self.recipe.size, about=self.about)
        return (scores.mean_ap, scores.rank(1)) if scores else None


def _places(identities: int, recipe: Recipe, group: Group) -> NDArray[np.intp]:
    """Tell which clips of a batch this process computes in each part of it; (parts, m).

    Raises:
        RecipeError: the batch cannot be divided so.
    """
    parts, clips = recipe.accumulate, identities * recipe.clips
    if identities % parts or clips % (parts * group.size):
        raise RecipeError(
            f"a batch of {identities} identities x {recipe.clips} clips cannot be divided into {parts} parts of whole "
            f"identities for {group.size} processes; change --set identities=..., or accumulate"
        )
    return np.arange(clips).reshape(parts, group.size, -1)[:, group.rank]


def _dtype(compute: Compute, device: torch.device) -> torch.dtype:
    """Decide in which precision products are computed."""
    if compute.precision == "auto":
        if device.type != "cuda":
            return torch.float32
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[compute.precision]


def _generator(seed: int, step: int) -> torch.Generator:
    """Make the source of a step's randomness, the same whenever the step is done."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence([seed, step]).generate_state(1)[0]))
