"""What a network looks at: its layers opened, its answers explained, its parts silenced. Arrays in, arrays out."""
