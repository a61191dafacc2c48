package io.sluice.assembly;

import io.sluice.service.lifecycle.ListenException;
import io.sluice.service.lifecycle.StartException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Tries a port before anything starts, so that the error names the flag that chose it, and nothing has to be undone. */
public final class PortCheck {
    private static final int FIRST_UNPRIVILEGED = 1024;

    private PortCheck() {}

    /** Fails with a {@link StartException} that names {@code flag} when this process could not listen there. */
    public static void require(String flag, String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            String advice = port < FIRST_UNPRIVILEGED ? "; for example " + flag + " " + (port + 18_000) : "";
            throw new StartException(
                    flag + " " + port + ": "
                            + ListenException.of(flag, host, port, e).reason() + advice,
                    e);
        }
    }
}
