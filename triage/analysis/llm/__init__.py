"""Language models, where TRIAGE_LLM_MODELS names some; without it pydantic-ai is not even imported.

`analyzer` and `judging` make findings, `phrasing` words questions. `prompts` holds every sentence a model is told,
`shapes` what it may answer, `quotations` what of that is believed, `calls` how it is asked (the only module that
imports pydantic-ai; import it where it is used).
"""
