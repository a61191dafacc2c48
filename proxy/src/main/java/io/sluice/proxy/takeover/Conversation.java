package io.sluice.proxy.takeover;

import io.sluice.service.json.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;
import java.util.function.Consumer;

/** One end of the connection between the two processes. */
final class Conversation {
    private static final String END_OF_LINE = "\n";

    private final NetSocket socket;

    /**
     * @param received called on the socket's context, as is {@code ended}
     * @param ended called once, after the last message
     */
    Conversation(NetSocket socket, Consumer<Message> received, Runnable ended) {
        this.socket = socket;
        socket.exceptionHandler(failure -> socket.close());
        socket.closeHandler(closed -> ended.run());
        socket.handler(RecordParser.newDelimited(
                END_OF_LINE, line -> received.accept(Json.read(line.getBytes(), Message.class))));
    }

    /** Any thread. What cannot be sent any more is dropped: its end says the same. */
    void send(Message message) {
        Buffer line = Buffer.buffer(Json.writeBytes(message)).appendString(END_OF_LINE);
        socket.write(line).onFailure(gone -> socket.close());
    }

    void close() {
        socket.close();
    }
}
