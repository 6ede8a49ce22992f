"""Pictures of training and of ranked lists; only importer of matplotlib."""
