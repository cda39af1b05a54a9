#ifndef TIDEMARK_CXML2_H
#define TIDEMARK_CXML2_H

/// libxml2 behind functions of its own: its headers stay out of Swift.
///
/// A document is parsed to a tree that is at most so large, without a network, without files, and
/// without entities: whoever declares or uses one is refused, so that none can expand.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cxml2_parser cxml2_parser;
typedef struct cxml2_document cxml2_document;
typedef struct cxml2_node cxml2_node;
typedef struct cxml2_paths cxml2_paths;
typedef struct cxml2_path cxml2_path;
typedef struct cxml2_result cxml2_result;

typedef enum {
  CXML2_OK = 0,
  /// Not well-formed.
  CXML2_MALFORMED = 1,
  /// More elements and attributes than allowed.
  CXML2_TOO_LARGE = 2,
  /// Declares or uses entities, or declares attributes.
  CXML2_DECLARES = 3,
  CXML2_NO_MEMORY = 4,
} cxml2_outcome;

typedef struct {
  /// Elements and attributes that may yet come.
  long nodes_left;
  cxml2_outcome outcome;
  /// Where the text stops being XML, and why.
  int line;
  char message[256];
} cxml2_state;

typedef enum { CXML2_OTHER = 0, CXML2_ELEMENT = 1, CXML2_ATTRIBUTE = 2, CXML2_TEXT = 3 } cxml2_kind;

/// Once, before several threads use the library.
void cxml2_prepare(void);

/// What parsing needs, for one document after the other; null where memory is out.
cxml2_parser *cxml2_parser_create(void);
void cxml2_parser_free(cxml2_parser *parser);

/// Parses a document to a tree of elements, attributes and texts, without their namespaces. Null
/// where `state` says why not.
/// - encoding: null: what the document says itself, else UTF-8.
cxml2_document *cxml2_parse(
    cxml2_parser *parser, const unsigned char *bytes, int count, const char *encoding, long nodes_max,
    cxml2_state *state);
void cxml2_document_free(cxml2_document *document);
/// Null where there is no element.
cxml2_node *cxml2_root(cxml2_document *document);

cxml2_kind cxml2_node_kind(const cxml2_node *node);
const char *cxml2_node_name(const cxml2_node *node);
/// The content of a text; null where there is none.
const char *cxml2_node_content(const cxml2_node *node);
/// Bytes of a text.
long cxml2_text_count(const char *text);
cxml2_node *cxml2_first_child(const cxml2_node *node);
cxml2_node *cxml2_first_attribute(const cxml2_node *element);
cxml2_node *cxml2_next(const cxml2_node *node);

/// Paths in a document, or in none, for checking them. They write nothing anywhere, and give up
/// after so many steps.
cxml2_paths *cxml2_paths_create(cxml2_document *document, unsigned long steps_max);
void cxml2_paths_free(cxml2_paths *paths);
/// Null where the text is no path.
cxml2_path *cxml2_path_compile(cxml2_paths *paths, const char *text);
void cxml2_path_free(cxml2_path *path);
/// The byte at which the last path stopped being one.
int cxml2_path_error_offset(const cxml2_paths *paths);
/// What went wrong last; null where nothing did.
const char *cxml2_path_error(const cxml2_paths *paths);
/// Null where something goes wrong.
/// - node: from which the path goes; null: the document.
cxml2_result *cxml2_evaluate(cxml2_paths *paths, cxml2_path *path, cxml2_node *node);
void cxml2_result_free(cxml2_result *result);
/// The number of nodes, in the document's order; -1 where the result is a value.
int cxml2_result_count(const cxml2_result *result);
cxml2_node *cxml2_result_node(const cxml2_result *result, int index);
/// A value as text, which `cxml2_text_free` frees; null without memory.
char *cxml2_result_text(cxml2_result *result);
void cxml2_text_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
