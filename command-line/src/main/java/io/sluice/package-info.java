/**
 * Where every process of Sluice begins, a part's too: only {@link io.sluice.Main}, which hands over to {@link
 * io.sluice.cli.SluiceCommand}.
 */
@NullMarked
package io.sluice;

import org.jspecify.annotations.NullMarked;
