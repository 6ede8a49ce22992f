from __future__ import annotations

import numpy as np
import pytest

from pipeline.tracking.tracklets import Tracklet


def test_a_tracklet_refuses_rows_that_do_not_belong_together() -> None:
    box, one = np.zeros((2, 4), np.float32), np.ones(2, np.float32)
    frames, seconds = np.array([3, 4]), np.array([0.3, 0.4])
    good = Tracklet("gate", 1, "person", frames, seconds, box, one, one)
    assert (good.key, good.name, good.span) == (("gate", 1), "gate/1", (0.3, 0.4))
    with pytest.raises(ValueError, match="gate/1"):
        Tracklet("gate", 1, "person", frames, seconds[::-1], box, one, one)
    with pytest.raises(ValueError, match="gate/1"):
        Tracklet("gate", 1, "person", frames, seconds, box[:1], one, one)
