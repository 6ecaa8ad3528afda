"""What a wording or a prior says, before there is a model."""
