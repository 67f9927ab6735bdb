package io.foretell.it.watch;

/** The two Nettys in the JVM, each with a leak detector of its own. */
enum Netty {
    AWS_SDK {
        @Override
        void drop(String mark) {
            io.netty.buffer.ByteBufAllocator.DEFAULT.buffer(16).touch(mark);
        }

        @Override
        void use() {
            io.netty.buffer.ByteBufAllocator.DEFAULT.buffer(16).release();
        }
    },
    GRPC {
        @Override
        void drop(String mark) {
            io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator.DEFAULT
                    .buffer(16)
                    .touch(mark);
        }

        @Override
        void use() {
            io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator.DEFAULT
                    .buffer(16)
                    .release();
        }
    };

    /** Loses a buffer. */
    abstract void drop(String mark);

    /** Uses and frees buffers; then the detector tells what was found before. */
    abstract void use();

    /** Has garbage collected and told of, and counts the records with a mark. */
    long collected(String mark) {
        System.gc();
        for (int i = 0; i < 1_000; i++) { // below PARANOID each has a chance of 1 in 128
            use();
        }
        return Leaks.records().stream().filter(record -> record.contains(mark)).count();
    }
}
