# cmake --build BUILD --target docs: BUILD/docs/library for users of the library, BUILD/docs/modules for contributors. A
# warning of Doxygen's fails the target.
find_program(DOXYGEN doxygen)
file(GLOB doc_headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/games/*.h ${CMAKE_SOURCE_DIR}/net/*.h
  ${CMAKE_SOURCE_DIR}/mcts/*.h ${CMAKE_SOURCE_DIR}/agents/*.h ${CMAKE_SOURCE_DIR}/engine/*/*.h)
list(FILTER doc_headers EXCLUDE REGEX "_internal\\.h$")
list(JOIN doc_headers " " doc_headers)
foreach(part library modules)
  configure_file(${CMAKE_SOURCE_DIR}/docs/doxygen/${part}.in ${CMAKE_BINARY_DIR}/Doxyfile.${part} @ONLY)
endforeach()
if(DOXYGEN)
  add_custom_target(docs
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/docs
    COMMAND ${DOXYGEN} ${CMAKE_BINARY_DIR}/Doxyfile.library
    COMMAND ${DOXYGEN} ${CMAKE_BINARY_DIR}/Doxyfile.modules
    COMMENT "Pages in ${CMAKE_BINARY_DIR}/docs" VERBATIM)
else()
  add_custom_target(docs
    COMMAND ${CMAKE_COMMAND} -E echo "doxygen is missing; install it (Debian: apt-get install doxygen), then run cmake again"
    COMMAND ${CMAKE_COMMAND} -E false)
endif()
