"""Reading Azure on many machines: questions go out to workers, and their answers come back."""
