/**
 * Files that the proxy serves by itself: {@link io.sluice.proxy.files.PublicFolder} finds and opens one, {@link
 * io.sluice.proxy.files.FileConditions} decides which part of it a request is to be given. Knows nothing of connections. Opening and reading block
 * and belong on a worker.
 */
@NullMarked
package io.sluice.proxy.files;

import org.jspecify.annotations.NullMarked;
