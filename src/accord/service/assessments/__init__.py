"""What was asked of whom and when; drafts, answers, scores. Not what follows from an answer: that is care."""
