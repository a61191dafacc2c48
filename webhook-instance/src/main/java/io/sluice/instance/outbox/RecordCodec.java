package io.sluice.instance.outbox;

import io.sluice.instance.outbox.OutboxRecord.Accepted;
import io.sluice.instance.outbox.OutboxRecord.Mark;
import io.sluice.instance.outbox.OutboxRecord.Marks;
import io.sluice.instance.outbox.OutboxRecord.Moved;
import io.sluice.instance.outbox.OutboxRecord.StepChanged;
import io.sluice.instance.outbox.OutboxRecord.StepState;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes of a record: its type, then its fields, big-endian; texts as length and UTF-8. The log adds length and checksum. A type is never
 * given another layout: what is written by one release has to be read by the next.
 */
final class RecordCodec {
    private static final byte ACCEPTED = 1;
    private static final byte MOVED = 2;
    private static final byte STEP_CHANGED = 3;
    private static final byte MARKS = 4;

    /** Fits everything but headers and body of an ordinary event. */
    private static final int HEAD_BYTES = 1024;

    private RecordCodec() {}

    static byte[] encode(OutboxRecord record) {
        if (record instanceof Accepted accepted) {
            return write(accepted.event().body().length() + HEAD_BYTES, out -> {
                out.writeByte(ACCEPTED);
                writeEvent(out, accepted.event());
            });
        }
        if (record instanceof Moved moved) {
            return write(moved.event().body().length() + HEAD_BYTES, out -> writeMoved(out, moved));
        }
        if (record instanceof StepChanged changed) {
            return write(128, out -> {
                out.writeByte(STEP_CHANGED);
                out.writeLong(changed.entry());
                out.writeByte(changed.step());
                writeState(out, changed.state());
            });
        }
        return write(HEAD_BYTES, out -> writeMarks(out, (Marks) record));
    }

    /** Throws {@link UncheckedIOException} when the bytes are no record. */
    static OutboxRecord decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte type = in.readByte();
            return switch (type) {
                case ACCEPTED -> new Accepted(readEvent(in));
                case MOVED -> readMoved(in);
                case STEP_CHANGED -> new StepChanged(in.readLong(), in.readByte(), readState(in));
                case MARKS -> readMarks(in);
                default -> throw new IOException("record type " + type + " (expected: 1 to 4)");
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The event inside a record that carries one. */
    static OutboxEvent decodeEvent(byte[] bytes) {
        OutboxRecord record = decode(bytes);
        if (record instanceof Accepted accepted) {
            return accepted.event();
        }
        if (record instanceof Moved moved) {
            return moved.event();
        }
        throw new UncheckedIOException(new IOException("the record carries no event"));
    }

    private static void writeMoved(DataOutputStream out, Moved moved) throws IOException {
        out.writeByte(MOVED);
        out.writeLong(moved.entry());
        out.writeByte(moved.steps().size());
        for (StepState state : moved.steps()) {
            writeState(out, state);
        }
        writeEvent(out, moved.event());
    }

    private static Moved readMoved(DataInputStream in) throws IOException {
        long entry = in.readLong();
        int count = in.readByte();
        List<StepState> states = new ArrayList<>(Math.max(0, count));
        for (int i = 0; i < count; i++) {
            states.add(readState(in));
        }
        return new Moved(entry, states, readEvent(in));
    }

    private static void writeMarks(DataOutputStream out, Marks marks) throws IOException {
        out.writeByte(MARKS);
        out.writeInt(marks.marks().size());
        for (Mark mark : marks.marks()) {
            writeText(out, mark.eventId());
            out.writeLong(mark.entry());
            out.writeLong(mark.expiresMillis());
            writeText(out, mark.bodySha256());
        }
    }

    private static Marks readMarks(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            marks.add(new Mark(readText(in), in.readLong(), in.readLong(), readText(in)));
        }
        return new Marks(marks);
    }

    private static void writeState(DataOutputStream out, StepState state) throws IOException {
        out.writeByte(state.phase().code());
        out.writeInt(state.attempts());
        out.writeLong(state.sinceMillis());
        out.writeLong(state.atMillis());
        writeText(out, state.reason());
    }

    private static StepState readState(DataInputStream in) throws IOException {
        byte code = in.readByte();
        Step.Phase phase = Arrays.stream(Step.Phase.values())
                .filter(known -> known.code() == code)
                .findFirst()
                .orElseThrow(() -> new IOException("unknown step phase " + code));
        return new StepState(phase, in.readInt(), in.readLong(), in.readLong(), readText(in));
    }

    private static void writeEvent(DataOutputStream out, OutboxEvent event) throws IOException {
        writeText(out, event.eventId());
        out.writeLong(event.rememberFor().toMillis());
        writeText(out, event.webhookId());
        out.writeLong(event.generation());
        out.writeLong(event.arrival().toEpochMilli());
        writeText(out, event.bodySha256());
        out.writeInt(event.headers().size());
        for (Map.Entry<String, String> header : event.headers().entrySet()) {
            writeText(out, header.getKey());
            writeText(out, header.getValue());
        }
        out.writeByte(event.steps().size());
        for (StepPlan step : event.steps()) {
            writeText(out, step.id());
            out.writeBoolean(step.required());
        }
        byte[] body = event.body().getBytes();
        out.writeInt(body.length);
        out.write(body);
    }

    private static OutboxEvent readEvent(DataInputStream in) throws IOException {
        String eventId = readText(in);
        Duration rememberFor = Duration.ofMillis(in.readLong());
        String webhookId = readText(in);
        long generation = in.readLong();
        Instant arrival = Instant.ofEpochMilli(in.readLong());
        String bodySha256 = readText(in);
        Map<String, String> headers = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            headers.put(readText(in), readText(in));
        }
        List<StepPlan> steps = new ArrayList<>();
        for (int left = in.readByte(); left > 0; left--) {
            steps.add(new StepPlan(readText(in), in.readBoolean()));
        }
        return new OutboxEvent(
                eventId,
                rememberFor,
                webhookId,
                generation,
                arrival,
                bodySha256,
                headers,
                steps,
                Buffer.buffer(readBytes(in)));
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("length " + length + " (expected: at most the " + in.available() + " bytes left)");
        }
        return in.readNBytes(length);
    }

    private static byte[] write(int expectedBytes, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(expectedBytes);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            body.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toByteArray();
    }

    private interface Body {
        void writeTo(DataOutputStream out) throws IOException;
    }
}
