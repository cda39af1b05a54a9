// No Swift imports this: libxml2's headers bring those of ICU, which are not Foundation's. CXML2
// includes them, and is compiled with the flags that pkg-config knows.
