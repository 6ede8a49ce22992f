"""Matching: finds which tracklets are one object, within and across cameras."""
