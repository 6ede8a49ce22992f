"""Renderer of synthetic people and vehicles: several cameras film a small world whose ground truth is exact."""
