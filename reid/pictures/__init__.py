"""Plots of trainings, searches and sweeps, and pictures of evaluations; they draw arrays and files, not networks."""
