# A module for each MPI whose headers are found, beside the program: Debian's Open MPI and MPICH, and with
# -DTENGEN_MPICC=/path/to/mpicc any other, such as that of a cluster. Neither the program nor the other targets need MPI.
option(TENGEN_MPI "Build the MPI modules where an MPI is found" ON)
set(TENGEN_MPICC "" CACHE FILEPATH "The compiler wrapper mpicc of another MPI, for tengen-mpi-own.so")
set(mpi_modules)
set(mpi_sources ${CMAKE_SOURCE_DIR}/engine/cluster/mpi/module.c ${CMAKE_SOURCE_DIR}/engine/cluster/mpi/joined.c)
if(TENGEN_MPI)
  foreach(pair openmpi:ompi-c mpich:mpich)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 name)
    list(GET pair 1 package)
    pkg_check_modules(MPI_${name} IMPORTED_TARGET ${package})
    if(MPI_${name}_FOUND)
      add_library(tengen_mpi_${name} MODULE ${mpi_sources})
      target_link_libraries(tengen_mpi_${name} PRIVATE PkgConfig::MPI_${name} Threads::Threads)
      set_target_properties(tengen_mpi_${name} PROPERTIES PREFIX "" OUTPUT_NAME tengen-mpi-${name})
      list(APPEND mpi_modules tengen_mpi_${name})
    endif()
  endforeach()
endif()
if(TENGEN_MPICC)
  set(own ${CMAKE_BINARY_DIR}/tengen-mpi-own.so)
  add_custom_command(OUTPUT ${own}
    COMMAND ${TENGEN_MPICC} -std=gnu11 -O2 -fPIC -shared -fvisibility=hidden -pthread -I${CMAKE_SOURCE_DIR}
            ${mpi_sources} -o ${own}
    DEPENDS ${mpi_sources} ${CMAKE_SOURCE_DIR}/engine/cluster/mpi/module.h ${CMAKE_SOURCE_DIR}/engine/cluster/transport.h VERBATIM)
  add_custom_target(tengen_mpi_own ALL DEPENDS ${own})
  install(FILES ${own} DESTINATION ${CMAKE_INSTALL_LIBDIR}/tengen COMPONENT mpi)
endif()
if(mpi_modules)
  install(TARGETS ${mpi_modules} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/tengen COMPONENT mpi)
endif()
# Where the program looks for them if they are not beside it.
set_source_files_properties(engine/cluster/load.c PROPERTIES
                            COMPILE_DEFINITIONS TENGEN_LIBDIR="${CMAKE_INSTALL_FULL_LIBDIR}/tengen")
