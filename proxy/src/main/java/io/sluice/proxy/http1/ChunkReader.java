package io.sluice.proxy.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The chunked coding (RFC 9112 §7.1). Extensions are read over; a size line that is long, overflows or does not end in CRLF is refused. */
final class ChunkReader {
    enum Progress {
        /** Everything that was readable has been used. */
        MORE,
        /** Content is next: {@link #take}. */
        CONTENT,
        END,
        MALFORMED
    }

    private enum State {
        SIZE,
        PADDING,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILERS
    }

    private static final int MAX_DIGITS = 15;
    private static final int MAX_EXTENSION = 1024;
    /** What extensions may take of one body beyond what is in proportion to its content. */
    private static final long MAX_OVERHEAD = 16 * 1024;

    private static final int FREE_OVERHEAD = 16;

    private final HeadReader trailers;
    private State state = State.SIZE;
    private long remaining;
    private int digits;
    private int extension;
    private long overhead;

    ChunkReader(int maxTrailers, int maxTrailerCount) {
        this.trailers = HeadReader.forTrailers(maxTrailers, maxTrailerCount);
    }

    void begin() {
        trailers.reset();
        overhead = 0;
        beginSize();
    }

    private void beginSize() {
        state = State.SIZE;
        remaining = 0;
        digits = 0;
        extension = 0;
    }

    /** The trailers at the {@link Progress#END}; null when there are none. */
    @Nullable
    Fields trailers() {
        return trailers.fields().count() == 0 ? null : trailers.fields();
    }

    Progress read(ByteBuf in) {
        while (in.isReadable()) {
            if (state == State.DATA) {
                return Progress.CONTENT;
            }
            if (state == State.TRAILERS) {
                return readTrailers(in);
            }
            if (!accepts(in.readByte())) {
                return Progress.MALFORMED;
            }
        }
        return Progress.MORE;
    }

    private Progress readTrailers(ByteBuf in) {
        return switch (trailers.read(in)) {
            case INCOMPLETE -> Progress.MORE;
            case COMPLETE -> Progress.END;
            case MALFORMED, LINE_TOO_LONG, FIELDS_TOO_LARGE -> Progress.MALFORMED;
        };
    }

    private boolean accepts(byte octet) {
        return switch (state) {
            case SIZE -> acceptsSize(octet);
            case PADDING -> acceptsPadding(octet);
            case EXTENSION -> acceptsExtension(octet);
            case SIZE_LF -> {
                state = remaining == 0 ? State.TRAILERS : State.DATA;
                overhead = Math.max(0, overhead + extension - FREE_OVERHEAD - remaining);
                yield octet == '\n' && overhead <= MAX_OVERHEAD;
            }
            case DATA_CR -> {
                state = State.DATA_LF;
                yield octet == '\r';
            }
            case DATA_LF -> {
                beginSize();
                yield octet == '\n';
            }
            case DATA, TRAILERS -> false;
        };
    }

    private boolean acceptsSize(byte octet) {
        int digit = Character.digit(octet, 16);
        if (digit >= 0) {
            digits++;
            remaining = remaining << 4 | digit;
            return digits <= MAX_DIGITS;
        }
        if (digits == 0) {
            return false;
        }
        return acceptsPadding(octet);
    }

    /** Blanks may follow a size, but then nothing other than an extension. */
    private boolean acceptsPadding(byte octet) {
        if (octet == '\r') {
            state = State.SIZE_LF;
            return true;
        }
        extension++;
        state = octet == ';' ? State.EXTENSION : State.PADDING;
        return octet == ';' || (Octets.isBlank(octet) && extension <= MAX_EXTENSION);
    }

    private boolean acceptsExtension(byte octet) {
        if (octet == '\r') {
            state = State.SIZE_LF;
            return true;
        }
        extension++;
        return extension <= MAX_EXTENSION && Octets.isValue(octet);
    }

    ByteBuf take(ByteBuf in) {
        int taken = (int) Math.min(in.readableBytes(), remaining);
        remaining -= taken;
        if (remaining == 0) {
            state = State.DATA_CR;
        }
        return in.readRetainedSlice(taken);
    }
}
