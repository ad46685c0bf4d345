# libtengen, static and shared: the functions of the public headers and the modules they need. Everything is compiled
# with hidden visibility, so that the shared library exports only what TENGEN_API marks. The static library is
# one object in which all other symbols are local, so that they cannot collide with names in the program.
file(GLOB library_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/agents/library/*.c)
add_library(tengen_public OBJECT ${library_sources})
target_link_libraries(tengen_public PRIVATE PkgConfig::GLIB)
target_include_directories(tengen_public PRIVATE ${CMAKE_SOURCE_DIR}/include)

add_library(tengen_library SHARED)
target_link_libraries(tengen_library PRIVATE tengen_public tengen_agents)
target_include_directories(tengen_library PUBLIC ${CMAKE_SOURCE_DIR}/include)
set_target_properties(tengen_library PROPERTIES OUTPUT_NAME tengen VERSION 0.${PROJECT_VERSION} SOVERSION 0)
target_link_options(tengen_library PRIVATE -Wl,--exclude-libs,ALL -Wl,--gc-sections)

set(static_library ${CMAKE_BINARY_DIR}/libtengen.a)
set(modules tengen_agents tengen_mcts tengen_net tengen_games)
list(TRANSFORM modules REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE archives)
add_custom_command(OUTPUT ${static_library}
  COMMAND ${CMAKE_LINKER} -r -o libtengen.o $<TARGET_OBJECTS:tengen_public> --start-group ${archives} --end-group
  COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=tengen_* libtengen.o
  COMMAND ${CMAKE_COMMAND} -E rm -f libtengen.a
  COMMAND ${CMAKE_AR} rcs libtengen.a libtengen.o
  COMMAND ${CMAKE_COMMAND} -E rm libtengen.o
  WORKING_DIRECTORY ${CMAKE_BINARY_DIR} DEPENDS tengen_public ${modules} $<TARGET_OBJECTS:tengen_public> ${archives}
  COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(tengen_static ALL DEPENDS ${static_library})
