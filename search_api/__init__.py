"""The search index to people: the JSON API and the citizens' pages.

Which file answers which question: `grammar` – what does a query string mean; `service` – what is
open and how fresh is it; `answers`, `documents` – what does the API say; `api`, `pages`, `health` – which
address gives what; `snippets` – which piece of a text is shown; `labels`, `wording` – what is a code
called; `refine` – how can a search be narrowed; `problems` – what can go wrong.
"""
