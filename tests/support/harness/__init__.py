"""What the Python tests share. tests/CMakeLists.txt puts the folder above into PYTHONPATH.

    waiting        wait_until(), and tests on busy machines
    skipping       why a test cannot run here
    process        running a program to its end, and programs that run on a host
    tool           the mailslot program: ToolTest, a running listener
    terminal       a terminal that the tool draws on
    recording      record files
    convert        many conversions by the codecs' converter
    daemon         mailslotd on the loopback, and clients of its local protocol
    datagram       the encoder of NetBIOS names and datagrams
    namespaces     network namespaces of threads, and a place of its own for a whole test
    network        hosts and bridges made of network namespaces
    network_test   test cases on such a network
    host_programs  mailslotd and the tool on a host
    samba_peer     Samba's programs on a host
    capture        what passes on a cable, by tshark and ndrdump
    segment        a computer that sends, and one that the test plays
    wine_tool      mailslot.exe under Wine
    tally          checks that are counted by subject
    random_messages  random values for Protobuf schemas
"""
