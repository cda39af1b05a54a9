#include "CXML2.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/dict.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

void cxml2_prepare(void) { xmlInitParser(); }

static void stop(void *context, cxml2_outcome outcome) {
  xmlParserCtxtPtr parser = context;
  cxml2_state *state = parser->_private;
  if (state->outcome == CXML2_OK) {
    state->outcome = outcome;
    state->line = parser->input ? parser->input->line : 0;
  }
  xmlStopParser(parser);
}

static void start_element(
    void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int namespace_count, const xmlChar **namespaces, int attribute_count, int default_count,
    const xmlChar **attributes) {
  cxml2_state *state = ((xmlParserCtxtPtr)context)->_private;
  state->nodes_left -= 1 + (long)attribute_count + (long)namespace_count;
  if (state->nodes_left < 0) {
    stop(context, CXML2_TOO_LARGE);
    return;
  }
  xmlSAX2StartElementNs(
      context, name, prefix, uri, namespace_count, namespaces, attribute_count, default_count,
      attributes);
}

static void declare_entity(
    void *context, const xmlChar *name, int type, const xmlChar *public_id,
    const xmlChar *system_id, xmlChar *content) {
  (void)name, (void)type, (void)public_id, (void)system_id, (void)content;
  stop(context, CXML2_DECLARES);
}

static void declare_attribute(
    void *context, const xmlChar *element, const xmlChar *name, int type, int fallback,
    const xmlChar *value, xmlEnumerationPtr tree) {
  (void)element, (void)name, (void)type, (void)fallback, (void)value;
  xmlFreeEnumeration(tree);
  stop(context, CXML2_DECLARES);
}

static void refer(void *context, const xmlChar *name) {
  (void)name;
  stop(context, CXML2_DECLARES);
}

/// Takes an element's attributes out of their namespaces. Those of XML Schema's instances
/// (`xsi:nil`, `xsi:type`) say something about the document and nothing of what it holds: they go.
static void forget_attribute_namespaces(xmlNodePtr element) {
  xmlAttrPtr attribute = element->properties;
  while (attribute != NULL) {
    xmlAttrPtr next = attribute->next;
    const char *uri = attribute->ns ? (const char *)attribute->ns->href : NULL;
    if ((uri != NULL && strcmp(uri, "http://www.w3.org/2001/XMLSchema-instance") == 0) ||
        strncmp((const char *)attribute->name, "xsi:", 4) == 0) {
      xmlRemoveProp(attribute);
    } else {
      attribute->ns = NULL;
    }
    attribute = next;
  }
}

static void forget_namespaces(xmlNodePtr root) {
  xmlNodePtr node = root;
  while (node != NULL) {
    if (node->type == XML_ELEMENT_NODE) {
      node->ns = NULL;
      forget_attribute_namespaces(node);
      if (node->children != NULL) {
        node = node->children;
        continue;
      }
    }
    while (node != root && node->next == NULL) node = node->parent;
    node = node == root ? NULL : node->next;
  }
}

struct cxml2_parser {
  xmlParserCtxtPtr context;
};

/// Names of documents are kept from one to the next, at most so many.
enum { NAMES_MAX = 4096 };

static xmlParserCtxtPtr make_context(void) {
  xmlParserCtxtPtr parser = xmlNewParserCtxt();
  if (parser == NULL || parser->sax == NULL) {
    if (parser != NULL) xmlFreeParserCtxt(parser);
    return NULL;
  }
  parser->sax->startElementNs = start_element;
  parser->sax->entityDecl = declare_entity;
  parser->sax->attributeDecl = declare_attribute;
  parser->sax->reference = refer;
  parser->sax->comment = NULL;
  parser->sax->processingInstruction = NULL;
  return parser;
}

cxml2_parser *cxml2_parser_create(void) { return calloc(1, sizeof(cxml2_parser)); }

void cxml2_parser_free(cxml2_parser *parser) {
  if (parser == NULL) return;
  if (parser->context != NULL) xmlFreeParserCtxt(parser->context);
  free(parser);
}

cxml2_document *cxml2_parse(
    cxml2_parser *owner, const unsigned char *bytes, int count, const char *encoding,
    long nodes_max, cxml2_state *state) {
  memset(state, 0, sizeof *state);
  state->nodes_left = nodes_max;
  if (owner->context == NULL) owner->context = make_context();
  xmlParserCtxtPtr parser = owner->context;
  if (parser == NULL) {
    state->outcome = CXML2_NO_MEMORY;
    return NULL;
  }
  parser->_private = state;
  xmlDocPtr document = xmlCtxtReadMemory(
      parser, (const char *)bytes, count, NULL, encoding,
      XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
          XML_PARSE_COMPACT);
  // A prefix that nothing declares is no reason to refuse what is well-formed otherwise.
  if (state->outcome == CXML2_OK && (document == NULL || !parser->wellFormed)) {
    state->outcome = CXML2_MALFORMED;
    const xmlError *error = xmlCtxtGetLastError(parser);
    if (error != NULL && error->message != NULL) {
      state->line = error->line;
      strncpy(state->message, error->message, sizeof state->message - 1);
    }
  }
  parser->_private = NULL;
  // What it was in the middle of belongs to that document; and names must not pile up.
  if (state->outcome != CXML2_OK || xmlDictSize(parser->dict) > NAMES_MAX) {
    xmlFreeParserCtxt(parser);
    owner->context = NULL;
  }
  if (state->outcome != CXML2_OK) {
    if (document != NULL) xmlFreeDoc(document);
    return NULL;
  }
  xmlNodePtr root = xmlDocGetRootElement(document);
  if (root != NULL) forget_namespaces(root);
  return (cxml2_document *)document;
}

void cxml2_document_free(cxml2_document *document) { xmlFreeDoc((xmlDocPtr)document); }

cxml2_node *cxml2_root(cxml2_document *document) {
  return (cxml2_node *)xmlDocGetRootElement((xmlDocPtr)document);
}

// An attribute begins like every node, up to the document that it is in.

cxml2_kind cxml2_node_kind(const cxml2_node *node) {
  switch (((const xmlNode *)node)->type) {
    case XML_ELEMENT_NODE: return CXML2_ELEMENT;
    case XML_ATTRIBUTE_NODE: return CXML2_ATTRIBUTE;
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE: return CXML2_TEXT;
    default: return CXML2_OTHER;
  }
}

const char *cxml2_node_name(const cxml2_node *node) {
  return (const char *)((const xmlNode *)node)->name;
}

const char *cxml2_node_content(const cxml2_node *node) {
  return cxml2_node_kind(node) == CXML2_TEXT ? (const char *)((const xmlNode *)node)->content
                                             : NULL;
}

long cxml2_text_count(const char *text) { return (long)strlen(text); }

cxml2_node *cxml2_first_child(const cxml2_node *node) {
  cxml2_kind kind = cxml2_node_kind(node);
  return kind == CXML2_ELEMENT || kind == CXML2_ATTRIBUTE
             ? (cxml2_node *)((const xmlNode *)node)->children
             : NULL;
}

cxml2_node *cxml2_first_attribute(const cxml2_node *element) {
  return cxml2_node_kind(element) == CXML2_ELEMENT
             ? (cxml2_node *)((const xmlNode *)element)->properties
             : NULL;
}

cxml2_node *cxml2_next(const cxml2_node *node) {
  return (cxml2_node *)((const xmlNode *)node)->next;
}
