"""Warnings of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.matching.corrections import spelt
from pipeline.matching.outcome import Outcome
from pipeline.matching.pairs.declared import overruled
from pipeline.matching.travel.travel_times import TravelStatistics
from pipeline.setup.inputs import Inputs
from pipeline.tracking.camera_job import CameraReport


def warnings_before(inputs: Inputs) -> list[str]:
    """List what must be known before the work begins."""
    found = [
        f"DO NOT TRUST THE LINKS: {network.note}"
        for network in inputs.networks
        if network.classes == "everything" and not network.trusted
    ]
    given = inputs.config.threshold
    chosen = (given, inputs.config.false_match_rate, inputs.config.calibration)
    for network in inputs.networks:
        if (
            network.trusted
            and network.weights.threshold is None
            and not any(one is not None for one in chosen)
        ):
            found.append(
                f"{network.classes}: the weights tell no threshold, and {inputs.config.matching.threshold:.3f} was not "
                "measured for them; give --threshold, --false-match-rate or --calibration"
            )
        own = network.weights.threshold if network.trusted else None
        if given is not None and own is not None and given < own:
            found.append(
                f"{network.classes}: the threshold {given:.3f} is below their network's own {own:.3f}: expect more false "
                "links"
            )
    if inputs.detector and inputs.detector.note:
        found.append(inputs.detector.note)
    cameras = inputs.cameras.cameras
    if isinstance(inputs.asked.travel, TravelStatistics):
        ways = inputs.asked.travel.gaps
        strange = sorted({name for _, *both in ways for name in both} - {camera.name for camera in cameras})
        if strange or not ways:
            names = (
                f"names {', '.join(strange)}, none of this run's cameras"
                if strange
                else "holds no travel times"
            )
            found.append(f"{inputs.config.transitions} {names}")
    unknown = [camera.name for camera in cameras if not camera.offset_known]
    if len(cameras) > 1 and unknown:
        found.append(f"clock offsets are unknown and count as 0: {', '.join(unknown)}")
    return found


def warnings_after(
    inputs: Inputs,
    reports: Mapping[str, CameraReport],
    failures: Mapping[str, str],
    outcomes: Sequence[Outcome],
) -> list[str]:
    """List what became of the inputs that a reader of the results must know."""
    found = [f"{name} was left out: {why}" for name, why in failures.items()]
    matched = {one.tracklet.kind for one in outcomes if one.identity is not None}
    for network in inputs.networks:  # of a class that may not be there; of everything it was said before
        if not network.trusted and network.classes != "everything" and any(map(network.embeds, matched)):
            found.append(f"DO NOT TRUST THE LINKS OF {network.classes.upper()}: {network.note}")
        if (
            inputs.thresholds
            and network.classes not in inputs.thresholds
            and any(map(network.embeds, matched))
        ):
            found.append(
                f"{inputs.config.calibration} has no thresholds of {network.classes}; theirs are as without it"
            )
    for name, report in reports.items():
        if report.truncated:
            counts = f"{report.frames_decoded} frames of it were read"
            found.append(f"{name}: the recording is truncated or damaged; {counts}")
        found += [f"{name}: {note}" for note in report.notes]
        own = [one for one in outcomes if one.tracklet.camera == name and one.status != "ignored"]
        short = sum(one.clips == 0 for one in own)
        if 2 * short > len(own):
            found.append(f"{name}: {short} of {len(own)} tracklets are too short or too small to be matched")
    tracklets = [one.tracklet for one in outcomes]
    same = inputs.corrections.same
    for a, b, rule in overruled(tracklets, inputs.cameras, inputs.config.matching, same):
        found.append(
            f"{spelt(a)} and {spelt(b)} are one identity as you said, against a rule: {rule.sentence}"
        )
    return found
