"""The training loop; the seed and the step number decide each batch."""

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
from reid.checkpoints import save_checkpoint
from reid.data.batches import LabelledClip, plan_epoch, sorted_identities
from reid.data.frames import default_workers, read_ahead
from reid.data.records import Benchmark
from reid.data.transforms import Draws, augment, draw
from reid.distributed import Group
from reid.embedder import ClipEmbedder
from reid.errors import DatasetError, RecipeError, ReidError
from reid.losses.objective import objective
from reid.model.network import Output
from reid.ranking.labels import Labels
from reid.ranking.metrics import evaluate_features
from reid.recipes import Recipe
from reid.tracklet_embedding import Viewing, embed_entries
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.journal import Journal, TrainingStep
from reid.training.neighbours import rank_similar_identities
from reid.training.state import State

VALIDATION_CLIPS = 8
"""Maximum number of clips per tracklet in a validation; a quarter of those in the final evaluation."""


class Plan(NamedTuple):
    """The plan of one batch."""

    epoch: int
    """Number of the epoch, from 0."""
    rate: float
    """Learning rate."""
    clips: list[LabelledClip]
    """Clips of all processes."""
    validates: bool
    """Whether the network is validated after this batch."""


class Training:
    """The steps of one training in one of its processes."""

    def __init__(
        self,
        job: TrainingJob,
        data: Benchmark,
        folder: TrainingFolder,
        state: State,
        compute: Compute,
        group: Group,
        *,
        about: Mapping[str, str],
    ) -> None:
        """Prepare the steps after those of `state`, which each step changes in place.

        The query and gallery of `data` are the held-out identities. Checkpoints record `about`.
        """
        recipe = job.recipe
        self.data, self.recipe, self.folder, self.state = data, recipe, folder, state
        self.compute, self.group, self.about = compute, group, about
        self.device = next(state.network.parameters()).device
        self.dtype = compute.dtype(self.device)
        identities = len(sorted_identities(data.train))
        if identities < 2:
            raise DatasetError(
                f"{data.name}: {identities} identities to train on; at least 2 are needed to tell them apart"
            )
        p = min(recipe.identities, identities)
        self.clip_indices = _clip_indices(p, recipe, group)  # (parts, m) clips of the batch in this process
        self.total_steps = recipe.epochs * math.ceil(identities / p)
        if state.step > self.total_steps:
            done = state.step * recipe.epochs // self.total_steps
            raise RecipeError(
                f"{folder.path}: {done} epochs are already finished; give --epochs {done} or more, or another --out"
            )
        if state.step == self.total_steps and not folder.best.is_file():
            raise ReidError(
                f"{folder.best} is missing although this training is finished; use {folder.last.name}, or add "
                "--overwrite to train again"
            )
        self.model = distributed.replicate(state.network, group, some_unused=bool(recipe.without))

    @property
    def progress(self) -> str:
        """A message about the steps that are finished."""
        done, epochs = self.state.step, self.recipe.epochs
        if done == self.total_steps:
            return f"all {epochs} epochs are already finished"
        epoch = done * epochs // self.total_steps + 1
        return f"resumes after step {done} of {self.total_steps}, in epoch {epoch} of {epochs}"

    def steps(self, journal: Journal | None) -> Iterator[TrainingStep]:
        """Do the remaining steps and yield each; the leading process passes its journal."""
        plans, plans_to_read = tee(self._plans())
        batches = read_ahead(
            self.data.train,
            ([plan.clips[index].choice for index in self.clip_indices.flat] for plan in plans_to_read),
            self.recipe.size,
            workers=default_workers() if self.compute.workers is None else self.compute.workers,
            pin=self.device.type == "cuda",
        )
        if self.state.step == 0:
            self._save()  # so that the best checkpoint never exists without the last one
        saved = started = time.monotonic()
        for plan, clips in zip(plans, batches, strict=True):
            losses, attention = self.step(plan, clips)
            images = len(plan.clips) * self.recipe.clip_length
            images_per_second = images / (time.monotonic() - started)
            validation = self._validate() if plan.validates and self.group.is_main else None
            step = TrainingStep(
                step=self.state.step,
                steps=self.total_steps,
                epoch=plan.epoch,
                rate=plan.rate,
                losses=losses,
                attention=attention,
                images_per_second=images_per_second,
                validation=validation,
                people=len(sorted_identities(self.data.query)),
            )
            if journal is not None:
                # Before the checkpoint: rows after it are dropped on resuming, but missing rows are never added.
                journal.write(step)
            if step.step == self.total_steps or time.monotonic() - saved >= self.compute.save_every:
                self._save()
                saved = time.monotonic()
            yield step
            started = time.monotonic()

    def _save(self) -> None:
        if self.group.is_main:
            self.state.save(self.folder.last, size=self.recipe.size, about=self._about())

    def _about(self) -> dict[str, str]:
        """Return what a checkpoint records about the training, with the number of steps."""
        return {**self.about, "steps": str(self.state.step)}

    def _plans(self) -> Iterator[Plan]:
        """Plan the remaining batches."""
        recipe, batches, first = self.recipe, self.total_steps // self.recipe.epochs, self.state.step
        similar = None
        if recipe.neighbours:
            similar = rank_similar_identities(self.data.train, workers=self.compute.workers)
        for epoch in range(first // batches, recipe.epochs):
            planned = plan_epoch(
                self.data.train,
                identities=recipe.identities,
                clips=recipe.clips,
                length=recipe.clip_length,
                seed=recipe.seed,
                epoch=epoch,
                alike=similar,
                neighbours=recipe.neighbours,
            )
            is_due = (epoch + 1) % recipe.validate_every == 0 or epoch + 1 == recipe.epochs
            for batch, clips in enumerate(planned):
                if epoch * batches + batch >= first:
                    is_last = batch + 1 == batches
                    yield Plan(epoch, recipe.rate_at(epoch), clips, validates=is_due and is_last)

    def step(self, plan: Plan, clips: Tensor) -> tuple[dict[str, float], tuple[float, float] | None]:
        """Take one optimiser step, with the (parts * m, t, h, w, 3) pixels of this process's clips.

        Returns:
            The weighted losses, averaged over the parts, and the range of the attention maps.
        """
        state, recipe, parts = self.state, self.recipe, len(self.clip_indices)
        seed = int(np.random.SeedSequence([recipe.seed, state.step]).generate_state(1)[0])
        generator = torch.Generator().manual_seed(seed)  # the same one whenever the step is repeated
        shape = (len(plan.clips), recipe.clip_length)
        draws = draw(shape, recipe.size, generator, jitter=recipe.jitter, parts=recipe.parts)
        labels = torch.tensor([clip.label for clip in plan.clips], device=self.device)  # of all processes
        outputs: list[Output] = []
        terms: list[dict[str, Tensor]] = []
        try:
            for pixels, indices, part_labels in zip(
                clips.chunk(parts), self.clip_indices, labels.chunk(parts), strict=True
            ):
                part_draws = Draws._make(values[indices] for values in draws)
                part_output, part_terms = self._backward(pixels, part_draws, part_labels)
                outputs.append(part_output)
                terms.append(part_terms)
        except torch.OutOfMemoryError as error:
            raise ReidError(
                f"{self.device} has too little memory for batches of this size; add --recompute, --set accumulate=2 "
                "or more, or --recipe repo"
            ) from error
        for settings in state.optimiser.param_groups:
            settings["lr"] = plan.rate
        state.scaler.step(state.optimiser)
        state.scaler.update()
        state.optimiser.zero_grad()
        state.centers.update(torch.cat([output.embedding for output in outputs]), labels)
        state.step += 1
        losses = {name: float(sum(part[name] for part in terms)) / parts for name in terms[0]}
        if not math.isfinite(sum(losses.values())):
            raise ReidError(
                f"step {state.step}: the loss is not a finite number; resume from the last checkpoint with "
                "--precision fp32, or start again with a lower learning rate (--set rate=1e-4)"
            )
        ranges = [output.range for output in outputs if output.range is not None]
        if not ranges:
            return losses, None
        low, high = torch.stack(ranges).aminmax()
        return losses, (float(low), float(high))

    def _backward(self, pixels: Tensor, draws: Draws, labels: Tensor) -> tuple[Output, dict[str, Tensor]]:
        """Add the gradient of one part of a batch; return its output and loss terms, both without gradient."""
        pixels = pixels.to(self.device, non_blocking=True)
        values = augment(pixels, draws, self.state.network.standardise)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            output = distributed.gather(self.model(values), self.group)
        without = frozenset(self.recipe.without)
        terms = objective(output, labels, self.state.centers.weight, self.recipe.losses, without=without)
        loss = torch.stack(list(terms.values())).sum() / len(self.clip_indices)
        self.state.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        detached_terms = {name: term.detach() for name, term in terms.items()}
        return output._replace(embedding=output.embedding.detach()), detached_terms

    def _validate(self) -> tuple[float, float] | None:
        """Return mAP and R-1 on the held-out identities, and save the network if it is the best so far.

        Without held-out identities, return None and save the network.
        """
        state, query, gallery = self.state, self.data.query, self.data.gallery
        if not query:
            state.best = 0.0
            self._save_best()
            return None
        embedder = ClipEmbedder(state.network, self.device, size=self.recipe.size)
        viewing = Viewing(self.recipe.clip_length, clips=VALIDATION_CLIPS)
        workers = self.compute.workers
        scores = evaluate_features(
            embed_entries(embedder, query, viewing, workers=workers),
            embed_entries(embedder, gallery, viewing, workers=workers),
            query_labels=Labels.of(query),
            gallery_labels=Labels.of(gallery),
            rule=self.data.rule,
        )
        if scores.mean_ap > state.best:
            state.best = scores.mean_ap
            self._save_best()
        return scores.mean_ap, scores.rank(1)

    def _save_best(self) -> None:
        save_checkpoint(self.state.network, self.folder.best, size=self.recipe.size, about=self._about())


def _clip_indices(identities: int, recipe: Recipe, group: Group) -> NDArray[np.intp]:
    """Return the (parts, m) clips of a batch that this process computes in each part."""
    parts, clips = recipe.accumulate, identities * recipe.clips
    if identities % parts or clips % (parts * group.size):
        raise RecipeError(
            f"a batch of {identities} identities x {recipe.clips} clips cannot be divided into {parts} parts of whole "
            f"identities for {group.size} processes; change --set identities=... or --set accumulate=..."
        )
    return np.arange(clips).reshape(parts, group.size, -1)[:, group.rank]
