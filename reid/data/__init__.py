"""Labelled data sets: loaders, image reading, training batches and augmentation."""
