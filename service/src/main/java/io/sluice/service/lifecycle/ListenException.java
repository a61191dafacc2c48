package io.sluice.service.lifecycle;

import java.net.BindException;
import org.jspecify.annotations.Nullable;

/** A listener cannot have its port. Names the setting that chose it, so that the message tells what to change. */
public final class ListenException extends StartException {
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;

    private final String setting;
    private final String host;
    private final int port;
    private final String reason;

    private ListenException(String setting, String host, int port, String reason, Throwable cause) {
        super("cannot listen on " + host + ":" + port + ": " + reason + " (setting: " + setting + ")", cause);
        this.setting = setting;
        this.host = host;
        this.port = port;
        this.reason = reason;
    }

    /** The failure to listen on {@code host}:{@code port} as {@code setting}, a dotted key, asked for. */
    public static ListenException of(String setting, String host, int port, Throwable cause) {
        return new ListenException(setting, host, port, reason(port, cause), cause);
    }

    public String setting() {
        return setting;
    }

    public String host() {
        return host;
    }

    public int port() {
        return port;
    }

    /** Why, without address and setting. */
    public String reason() {
        return reason;
    }

    private static String reason(int port, Throwable cause) {
        String message = String.valueOf(bindMessage(cause));
        if (message.contains("in use")) {
            return "the port is taken by another process";
        }
        if (message.contains("ermission denied")) {
            return port < FIRST_UNPRIVILEGED_PORT
                    ? "not allowed: ports below 1024 need extra rights"
                    : "not allowed: permission denied";
        }
        if (message.contains("annot assign requested address")) {
            return "this machine has no such address";
        }
        return message;
    }

    private static @Nullable String bindMessage(Throwable cause) {
        Throwable deepest = cause;
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof BindException) {
                return t.getMessage();
            }
            deepest = t;
        }
        return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
    }
}
