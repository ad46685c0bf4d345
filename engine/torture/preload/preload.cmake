# tengen-faults.so, which `tengen torture` preloads into the processes that it starts. It lies beside the program, or is installed
# below the library folder. A sanitizer has its own allocator, in front of which nothing may stand: such builds have no library.
if(NOT TENGEN_SANITIZE AND NOT TENGEN_FUZZ)
  add_library(tengen_faults MODULE engine/torture/preload/fault.c engine/torture/preload/files.c engine/torture/preload/machine.c
    engine/torture/preload/undo.c)
  set_target_properties(tengen_faults PROPERTIES PREFIX "" OUTPUT_NAME tengen-faults LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_compile_options(tengen_faults PRIVATE -fvisibility=default)
  target_link_libraries(tengen_faults PRIVATE Threads::Threads ${CMAKE_DL_LIBS})
  add_dependencies(tengen tengen_faults)
  install(TARGETS tengen_faults LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/tengen COMPONENT program)
endif()
set_source_files_properties(engine/commands/torture.c PROPERTIES COMPILE_DEFINITIONS TENGEN_LIBDIR="${CMAKE_INSTALL_LIBDIR}")
