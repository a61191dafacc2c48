package io.sluice;

import io.sluice.cli.SluiceCommand;
import java.nio.file.Path;

/** The command line. */
public final class Main {
    private Main() {}

    /** Runs one command; the launcher script says where the project is and whether a person watches: before JDK 22 only
     * a shell can tell. */
    public static void main(String[] args) {
        Path home =
                Path.of(System.getProperty("sluice.home", ".")).toAbsolutePath().normalize();
        System.exit(SluiceCommand.run(home, Boolean.getBoolean("sluice.terminal"), System::nanoTime, args));
    }
}
