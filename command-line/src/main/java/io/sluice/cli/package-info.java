/**
 * The command line. {@link io.sluice.cli.SluiceCommand} names all commands; each is a class of its own that says what it answers and with
 * which exit code ({@link io.sluice.cli.ExitCode}).
 */
@NullMarked
package io.sluice.cli;

import org.jspecify.annotations.NullMarked;
