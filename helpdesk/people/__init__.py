"""Who is who: contacts, agents, teams, roles and sign-in."""
