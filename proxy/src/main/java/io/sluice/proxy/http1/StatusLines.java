package io.sluice.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;

/** The first lines of responses, made once. The phrase is the registered one; nobody may rely on it (RFC 9112 §4). */
public final class StatusLines {
    private static final int FIRST = 100;
    private static final byte[][] LINES = new byte[900][];

    static {
        for (int i = 0; i < LINES.length; i++) {
            String phrase = HttpResponseStatus.valueOf(FIRST + i).reasonPhrase();
            LINES[i] = MessageWriter.ascii("HTTP/1.1 " + (FIRST + i) + " " + phrase + "\r\n");
        }
    }

    private StatusLines() {}

    /**
     * Writes the line of a status.
     *
     * @param status from 100 to 999
     */
    public static void write(ByteBuf out, int status) {
        out.writeBytes(LINES[status - FIRST]);
    }
}
