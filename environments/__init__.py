"""Who, where, with what and under which rules: the desired state of every target."""
