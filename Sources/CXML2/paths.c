#include <libxml/xpath.h>

#include "CXML2.h"

static void ignore_error(void *context, xmlErrorPtr error) { (void)context, (void)error; }

cxml2_paths *cxml2_paths_create(cxml2_document *document, unsigned long steps_max) {
  xmlXPathContextPtr context = xmlXPathNewContext((xmlDocPtr)document);
  if (context == NULL) return NULL;
  context->error = ignore_error;
  context->opLimit = steps_max;
  return (cxml2_paths *)context;
}

void cxml2_paths_free(cxml2_paths *paths) { xmlXPathFreeContext((xmlXPathContextPtr)paths); }

cxml2_path *cxml2_path_compile(cxml2_paths *paths, const char *text) {
  return (cxml2_path *)xmlXPathCtxtCompile((xmlXPathContextPtr)paths, (const xmlChar *)text);
}

void cxml2_path_free(cxml2_path *path) { xmlXPathFreeCompExpr((xmlXPathCompExprPtr)path); }

int cxml2_path_error_offset(const cxml2_paths *paths) {
  return ((const xmlXPathContext *)paths)->lastError.int1;
}

const char *cxml2_path_error(const cxml2_paths *paths) {
  const xmlError *error = &((const xmlXPathContext *)paths)->lastError;
  return error->code == 0 ? NULL : error->message;
}

cxml2_result *cxml2_evaluate(cxml2_paths *paths, cxml2_path *path, cxml2_node *node) {
  xmlXPathContextPtr context = (xmlXPathContextPtr)paths;
  context->node = node != NULL ? (xmlNodePtr)node : (xmlNodePtr)context->doc;
  return (cxml2_result *)xmlXPathCompiledEval((xmlXPathCompExprPtr)path, context);
}

void cxml2_result_free(cxml2_result *result) { xmlXPathFreeObject((xmlXPathObjectPtr)result); }

int cxml2_result_count(const cxml2_result *result) {
  const xmlXPathObject *object = (const xmlXPathObject *)result;
  if (object->type != XPATH_NODESET) return -1;
  return object->nodesetval == NULL ? 0 : object->nodesetval->nodeNr;
}

cxml2_node *cxml2_result_node(const cxml2_result *result, int index) {
  const xmlXPathObject *object = (const xmlXPathObject *)result;
  if (index < 0 || index >= cxml2_result_count(result)) return NULL;
  xmlNodePtr node = object->nodesetval->nodeTab[index];
  // A namespace is no node though it stands among them.
  return node == NULL || node->type == XML_NAMESPACE_DECL ? NULL : (cxml2_node *)node;
}

char *cxml2_result_text(cxml2_result *result) {
  return (char *)xmlXPathCastToString((xmlXPathObjectPtr)result);
}

void cxml2_text_free(char *text) { xmlFree(text); }
