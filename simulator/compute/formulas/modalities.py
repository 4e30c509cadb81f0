"""Other modalities, to hold a minute of video against."""

from ..graph import quantity


@quantity("FLOP")
def llama2_flop_per_document(llama2_parameters, document_tokens, flop_per_parameter_token):
    """Compute of Llama 2 to generate a text document."""
    return flop_per_parameter_token * llama2_parameters * document_tokens


@quantity("FLOP")
def gpt4_flop_per_document(gpt4_active_parameters, document_tokens, flop_per_parameter_token):
    """Compute of GPT-4 to generate a text document."""
    return flop_per_parameter_token * gpt4_active_parameters * document_tokens
