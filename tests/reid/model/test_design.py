"""Designs: what may be combined, and that deciding it needs no torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reid.model.design import VARIANTS, Design, with_backbone


def test_every_variant_is_listed_under_its_own_name() -> None:
    assert all(design.variant == name for name, design in VARIANTS.items())


def test_the_baseline_is_fgreid_without_a_trained_fine_backbone() -> None:
    fgreid, baseline = VARIANTS["fgreid"], VARIANTS["baseline"]
    assert (fgreid.coarse_start, fgreid.fine_start) == ("imagenet", "imagenet")
    assert (baseline.coarse_start, baseline.fine_start) == ("imagenet", "none")


def test_any_variant_takes_any_backbone_and_keeps_the_rest() -> None:
    light = with_backbone(VARIANTS["kqv"], "efficientnet-lite0")
    assert (light.backbone, light.nonlocal_block) == ("efficientnet-lite0", "kqv")
    assert with_backbone(light, "resnet50") == VARIANTS["kqv"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param(
            {"heads": "three"}, "heads is 'three', not one of both, coarse, fine", id="unknown-choice"
        ),
        pytest.param({"backbone": 50}, "backbone is 50, not one of text", id="no-text"),
        pytest.param(
            {"heads": "fine", "attention": "none"}, "needs the coarse branch", id="a-branch-with-no-work"
        ),
        pytest.param({"reduction": "none"}, "needs the reduction", id="block-of-another-width"),
    ],
)
def test_designs_that_make_no_sense_are_refused(fields: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Design(**fields)  # type: ignore[arg-type]


def test_designs_are_known_without_importing_torch() -> None:
    code = "import sys; from reid.model.design import VARIANTS; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
