"""A municipality's review of applications: the queue, one application, approvals, budgets, attendance."""
