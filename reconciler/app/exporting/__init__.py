"""What Azure has becomes specs."""
