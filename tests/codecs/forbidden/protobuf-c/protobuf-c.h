#error "a program that uses text codecs only must not need protobuf-c"
