/**
 * A whole Sluice on one machine: instances, proxy and engine in one process, or as child processes under supervision. {@link
 * io.sluice.assembly.DataFolder} is where it keeps its token, addresses and the data of each part. Knows the programs, but not the command
 * line.
 */
@NullMarked
package io.sluice.assembly;

import org.jspecify.annotations.NullMarked;
