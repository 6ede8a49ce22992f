"""Parts of a training: the job, its folder, its state, the loop and the journal."""
