"""Names of classes: one name for each class, whatever a detector, a file or a user calls it."""

from __future__ import annotations

import re

PERSON = "person"
VEHICLE = "vehicle"
VEHICLES = ("bicycle", "car", "motorcycle", "bus", "truck", "van", VEHICLE)
SYNONYMS = {
    PERSON: (
        "people, persons, pedestrian, pedestrians, human, humans, man, men, woman, women, boy, girl, child, children, "
        "adult, walker, rider, cyclist, bicyclist, motorcyclist, "
        "other person, person on vehicle, static person, person sitting"
    ),
    "bicycle": "bicycles, bike, bikes",
    "car": "cars, automobile, auto, taxi, cab, sedan, suv, hatchback, pickup, pick up",
    "motorcycle": "motorcycles, motorbike, motorbikes, motor, moped, scooter",
    "bus": "buses, coach, minibus",
    "truck": "trucks, lorry, lorries",
    "van": "vans, minivan",
    VEHICLE: (
        "vehicles, other vehicle, non motorized vehicle, tricycle, awning tricycle, trailer, forklift, novacarter, "
        "nova carter, transporter"
    ),
}
"""Other names of each class, in small letters, with those of VisDrone, BDD100K, KITTI, MOTChallenge and AI City."""
CANONICAL = {other: name for name, others in SYNONYMS.items() for other in (name, *others.split(", "))}


def class_name(name: str) -> str:
    """Return the one name of a class; an unknown one in small letters.

    >>> class_name("Pedestrian"), class_name("motor"), class_name("awning-tricycle"), class_name("Dog")
    ('person', 'motorcycle', 'vehicle', 'dog')
    """
    words = re.sub(r"[\s_-]+", " ", name).strip().lower()
    return CANONICAL.get(words, words)


def class_group(name: str) -> str:
    """Return the group of a class; only boxes of one group may share a track or an identity.

    All vehicles are one group, because a detector may call a lorry `truck` in one frame and `bus` in the
    next. Any other class is its own group.

    >>> class_group("lorry"), class_group("person"), class_group("dog")
    ('vehicle', 'person', 'dog')
    """
    known = class_name(name)
    return VEHICLE if known in VEHICLES else known
