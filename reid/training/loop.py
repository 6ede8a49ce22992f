"""The loop: step after step, each batch decided by the seed and the step alone."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from itertools import tee
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reid import distributed
from reid.checkpoints import save
from reid.data.batches import LabelledClip, labels, plan_epoch
from reid.data.frames import default_workers, read_ahead
from reid.data.records import Benchmark
from reid.data.transforms import Draws, augment, draw
from reid.distributed import Group
from reid.embedder import ClipEmbedder
from reid.errors import DatasetError, RecipeError, ReidError
from reid.evaluation.embedding import Viewing, embed_tracklets
from reid.losses.objective import objective
from reid.model.network import Output
from reid.ranking.labels import Labels
from reid.ranking.metrics import evaluate_features
from reid.recipes import Recipe
from reid.training.company import most_alike
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import Job
from reid.training.journal import Journal, Step
from reid.training.state import State

VALIDATION_CLIPS = 8
"""Most clips of a tracklet that a validation looks at; a fourth of what counts in the end."""


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


class Training:
    """The steps of one training in one of its processes."""

    def __init__(
        self,
        job: Job,
        held: Benchmark,
        folder: TrainingFolder,
        state: State,
        compute: Compute,
        group: Group,
        *,
        about: Mapping[str, str],
    ) -> None:
        recipe = job.recipe
        self.held, self.recipe, self.folder, self.state = held, recipe, folder, state
        self.compute, self.group = compute, group
        self.about = about
        self.device = next(state.network.parameters()).device
        self.dtype = compute.dtype(self.device)
        identities = len(labels(held.train))
        if identities < 2:
            raise DatasetError(
                f"{held.name}: {identities} identities to train on; at least 2 are needed to tell them apart"
            )
        p = min(recipe.identities, identities)
        self.places = _places(p, recipe, group)  # (parts, m) where this process's clips stand in a batch
        self.in_all = recipe.epochs * math.ceil(identities / p)
        if state.step > self.in_all:
            done = state.step * recipe.epochs // self.in_all
            raise RecipeError(
                f"{folder.path}: {done} epochs are done already; give --epochs {done} or more, or another --out"
            )
        if state.step == self.in_all and not folder.best.is_file():
            raise ReidError(
                f"{folder.best} is missing though this training is finished; use {folder.last.name}, or give --overwrite"
            )
        self.model = distributed.replicate(state.network, group, some_unused=bool(recipe.without))

    @property
    def progress(self) -> str:
        """Say how far it is."""
        done, epochs = self.state.step, self.recipe.epochs
        if done == self.in_all:
            return f"all {epochs} epochs are done already"
        epoch = done * epochs // self.in_all + 1
        return f"goes on after step {done} of {self.in_all}, in epoch {epoch} of {epochs}"

    def steps(self, journal: Journal | None) -> Iterator[Step]:
        """Do the steps that are left, and keep what they come to; the process that leads has the journal."""
        plans, ahead = tee(self._plans())
        pictures = read_ahead(
            self.held.train,
            ([plan.clips[place].choice for place in self.places.flat] for plan in ahead),
            self.recipe.size,
            workers=default_workers() if self.compute.workers is None else self.compute.workers,
            pin=self.device.type == "cuda",
        )
        if self.state.step == 0:
            self._save()  # so that there is never a best one without a last one
        saved = began = time.monotonic()
        for plan, clips in zip(plans, pictures, strict=True):
            losses, attention = self.step(plan, clips)
            speed = len(plan.clips) * self.recipe.clip_length / (time.monotonic() - began)
            validation = self._validate() if plan.validates and self.group.leads else None
            done, people = self.state.step, len(labels(self.held.query))
            step = Step(
                done, self.in_all, plan.epoch, plan.rate, losses, attention, speed, validation, people
            )
            if journal is not None:
                journal.write(
                    step
                )  # before the checkpoint: rows ahead of it are dropped, missing ones never come
            if done == self.in_all or time.monotonic() - saved >= self.compute.save_every:
                self._save()
                saved = time.monotonic()
            yield step
            began = time.monotonic()

    def _save(self) -> None:
        if self.group.leads:
            self.state.save(self.folder.last, size=self.recipe.size, about=self._about())

    def _about(self) -> dict[str, str]:
        """Say in a checkpoint what the network was trained on, and how long."""
        return {**self.about, "steps": str(self.state.step)}

    def _plans(self) -> Iterator[Plan]:
        """Plan the batches that are left."""
        recipe, batches, first = self.recipe, self.in_all // self.recipe.epochs, self.state.step
        alike = most_alike(self.held.train, workers=self.compute.workers) if recipe.neighbours else None
        for epoch in range(first // batches, recipe.epochs):
            planned = plan_epoch(
                self.held.train,
                identities=recipe.identities,
                clips=recipe.clips,
                length=recipe.clip_length,
                seed=recipe.seed,
                epoch=epoch,
                alike=alike,
                neighbours=recipe.neighbours,
            )
            due = (epoch + 1) % recipe.validate_every == 0 or epoch + 1 == recipe.epochs
            for place, clips in enumerate(planned):
                if epoch * batches + place >= first:
                    yield Plan(epoch, recipe.rate_at(epoch), clips, due and place + 1 == batches)

    def step(self, plan: Plan, clips: Tensor) -> tuple[dict[str, float], tuple[float, float] | None]:
        """Take one step down the gradient of the objective.

        Args:
            plan: the batch, of all processes.
            clips: (parts * m, t, h, w, 3) pixels of this process's clips.

        Returns:
            The weighted losses, averaged over the parts, and the range of the attention.
        """
        state, recipe, parts = self.state, self.recipe, len(self.places)
        shape, source = (len(plan.clips), recipe.clip_length), _generator(recipe.seed, state.step)
        draws = draw(shape, recipe.size, source, jitter=recipe.jitter, parts=recipe.parts)
        marks = torch.tensor([clip.label for clip in plan.clips], device=self.device)  # of all processes
        try:
            done = [
                self._backward(pixels, Draws(*(drawn[place] for drawn in draws)), own)
                for pixels, place, own in zip(
                    clips.chunk(parts), self.places, marks.chunk(parts), strict=True
                )
            ]
        except torch.OutOfMemoryError as error:
            raise ReidError(
                f"{self.device} has too little memory for such batches; give --recompute, --set accumulate=2 or more, "
                "or --recipe repo"
            ) from error
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
            save(state.network, self.folder.best, size=self.recipe.size, about=self._about())
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


def _generator(seed: int, step: int) -> torch.Generator:
    """Make the source of a step's randomness, the same whenever the step is done."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence([seed, step]).generate_state(1)[0]))
