"""GraphQL over HTTP: from a request to the bytes of its response.

endpoint        HTTP requests, and responses with data
deadline        the time that each request has
responses       the media type of a response, and the responses to errors
sending         sends responses, with the headers that caches go by
response        a response, in each coding, and what it depends on
response_cache  keeps responses for as long as they are right
requests        the parameters of a GraphQL request, from a body or from a URL
documents       the document of a request, by its id if it has no text
compiler        request → operation → plan, each cached
executor        runs a plan, or the mutations of an operation
operations      a document, parsed, measured and validated
variables       the variables of a request, coerced, and what the operation costs with them
validation      whether a document is valid against the schema, in bounded time
limits          how large a document and its variables may be
complexity      the depth and the number of fields of a document
cost            how much an operation makes the database look up
argument_size   how many conditions `where` and `orderBy` have
introspection   answers about the schema, from memory
worker          a thread for work that would block the event loop
mutations       what mutations do, and their payloads
codings         compressed bodies: decoding requests, encoding responses
headers         security headers and CORS, on every response
connections     limits on connections and on the heads of requests
health          /livez and /readyz
metrics         /metrics
"""
