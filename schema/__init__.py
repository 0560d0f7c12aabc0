"""What Guidepost's content is: the entities, their GraphQL face, and the planner between them."""
