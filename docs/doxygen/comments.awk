# Doxygen's filter for the modules' headers, whose comments are plain. The first one is about the file, and what is indented
# in it is a drawing. Any other one documents what follows, or behind code on its line what stands before.
FNR <= 2 && !headed && /^\/\*/ && !/clang-format/ { headed = 1; sub(/\/\*/, "/** @file\n *"); heading = 1 }
heading && /^ \*   / && !drawing { print " * @verbatim"; drawing = 1 }
drawing && !/^ \*   / { print " * @endverbatim"; drawing = 0 }
drawing && /\*\/$/ { sub(/ *\*\/$/, ""); print; print " * @endverbatim */"; drawing = heading = 0; next }
heading && /\*\// { heading = 0; print; next }
!heading && /^[ \t]*\/\*[^*]/ && !/clang-format/ { sub(/\/\*/, "/**") }
!heading && /[;,{][ \t]*\/\*[^*<]/ { sub(/\/\*/, "/**<") }
{ print }
