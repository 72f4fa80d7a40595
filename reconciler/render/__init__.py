"""Values become text. Pure: renderers print what they are given and decide nothing."""
