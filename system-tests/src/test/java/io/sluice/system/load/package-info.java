/** Open-loop HTTP load that accounts for every request: each one was answered with a status, or failed in a named way. */
@NullMarked
package io.sluice.system.load;

import org.jspecify.annotations.NullMarked;
