"""What is unsafe in this deployment, and how to mend it: one function for each thing that is looked at."""
