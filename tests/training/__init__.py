"""Training: levels, courses, sessions, quizzes, standing."""
