"""Warnings of a run: what a user must know before it begins, and what a reader of its results must know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from detectors.weights import DetectorWeights
from pipeline.config import RunConfig
from pipeline.embedding.networks import ClassNetwork
from pipeline.footage.cameras import CameraSet
from pipeline.identify import NetworkMatching
from pipeline.matching.corrections import tracklet_name
from pipeline.matching.outcome import Outcome
from pipeline.matching.pairs.declared import overruled
from pipeline.matching.travel.travel_times import TravelStatistics
from pipeline.results.run_record import Settings
from pipeline.tracking.camera_job import CameraReport
from pipeline.tracking.tracklets import Pair

COLOURLESS = 4.0
"""Difference of the channels, of 255, below which pictures have no colour."""


def list_input_warnings(
    config: RunConfig,
    cameras: CameraSet,
    networks: Sequence[ClassNetwork],
    detector: DetectorWeights | None,
    travel: TravelStatistics | str | None,
    settings: Settings,
) -> Iterator[str]:
    """List what a user must know before the run begins."""
    for network in networks:
        if network.classes == "everything" and not network.trusted:
            yield f"DO NOT TRUST THE LINKS: {network.note}"
    for network in networks:
        if network.trusted:
            yield from _threshold_warnings(config, network)
    if detector and detector.note:
        yield detector.note
    if isinstance(travel, TravelStatistics):
        names = {camera.name for camera in cameras.cameras}
        unknown = sorted({name for _, *pair in travel.gaps for name in pair} - names)
        if unknown:
            yield f"{config.transitions} names {', '.join(unknown)}. This run has no such camera."
        elif not travel.gaps:
            yield f"{config.transitions} holds no travel times."
    for same in _same_recordings(settings):
        yield f"{' and '.join(same)} have the same recording. Links between them mean nothing."
    without_offset = [camera.name for camera in cameras.cameras if not camera.offset_known]
    if 1 < len(without_offset) == len(cameras.cameras):
        yield "No clock offsets given; assuming all cameras started together (see --cameras)."
    elif without_offset and len(cameras.cameras) > 1:
        yield f"No clock offset given for {', '.join(without_offset)}; assuming 0 seconds."


def _same_recordings(settings: Settings) -> list[list[str]]:
    """Return the names of the cameras of each recording that was given more than once."""
    names: dict[str, list[str]] = defaultdict(list)
    for name, camera in settings.cameras.items():
        if camera.footage is not None:
            names[camera.footage].append(name)
    return [same for same in names.values() if len(same) > 1]


def _threshold_warnings(config: RunConfig, network: ClassNetwork) -> Iterator[str]:
    measured, given = network.weights.threshold, config.threshold
    choices = (given, config.false_match_rate, config.calibration)
    if measured is None and all(choice is None for choice in choices):
        yield (
            f"{network.classes}: the weights name no threshold, and the default {config.matching.threshold.value:.3f} "
            "was not measured for them. Give --threshold, --false-match-rate or --calibration."
        )
    if measured is not None and given is not None and given < measured:
        yield (
            f"{network.classes}: the threshold {given:.3f} is below the network's own threshold {measured:.3f}. "
            "Expect more false links."
        )


def list_result_warnings(
    networks: Sequence[NetworkMatching],
    config: RunConfig,
    cameras: CameraSet,
    same: Sequence[Pair],
    reports: Mapping[str, CameraReport],
    failures: Mapping[str, str],
    outcomes: Sequence[Outcome],
) -> list[str]:
    """List what a reader of the results must know.

    `same` holds the pairs of tracklets that the user said are the same; `failures`, why cameras without a report
    were left out; `outcomes`, those of all tracklets.
    """
    result_warnings = [f"camera {name} was left out: {reason}" for name, reason in failures.items()]
    kinds = {outcome.tracklet.kind for outcome in outcomes if outcome.identity is not None}
    for entry in networks:
        network = entry.network
        if not any(network.embeds(kind) for kind in kinds):
            continue
        if not network.trusted and network.classes != "everything":  # that warning was given before the run
            result_warnings.append(f"DO NOT TRUST THE LINKS OF {network.classes.upper()}: {network.note}")
        if config.calibration and entry.measured is None:
            result_warnings.append(
                f"{config.calibration} has no thresholds for {network.classes}; the network's own were used."
            )
    cameras_of: dict[str, list[str]] = defaultdict(list)
    for name, report in reports.items():
        for note in _camera_notes(name, report, outcomes):
            cameras_of[note].append(name)
    result_warnings += [f"{', '.join(names)}: {note}" for note, names in cameras_of.items()]
    result_warnings += _colour_warnings(reports)
    tracklets = [outcome.tracklet for outcome in outcomes]
    for a, b, rule in overruled(tracklets, cameras, config.matching, same):
        result_warnings.append(
            f"{tracklet_name(a)} and {tracklet_name(b)} are one identity because you marked them as the same, "
            f"although a rule forbids it: {rule.sentence}"
        )
    return result_warnings


def _colour_warnings(reports: Mapping[str, CameraReport]) -> Iterator[str]:
    """Yield a warning if only some cameras have colour."""
    colours = {name: report.colour for name, report in reports.items() if report.colour is not None}
    grey = [name for name, colour in colours.items() if colour < COLOURLESS]
    if 0 < len(grey) < len(colours):
        yield (
            f"{', '.join(grey)}: the pictures have no colour, as infrared footage, and those of other cameras have. The "
            "network compares colours, so expect few links between them."
        )


def _camera_notes(name: str, report: CameraReport, outcomes: Sequence[Outcome]) -> Iterator[str]:
    if report.truncated:
        yield f"the recording is truncated or damaged; {report.frames_decoded} frames were read"
    yield from report.notes
    statuses = [outcome.status for outcome in outcomes if outcome.tracklet.camera == name]
    considered = len(statuses) - statuses.count("ignored")
    short, small = statuses.count("rejected_short"), statuses.count("rejected_quality")
    if 2 * (short + small) > considered:
        yield (
            f"{short + small} of {considered} tracklets were not matched: {short} have too few boxes, and {small} "
            "are too small or blurred (`min-boxes` and `min-area` in a --config file set the limits)"
        )
